"use strict";
(function () {
  var box = document.getElementById("filter");
  if (box) {
    var input = box.querySelector("input");
    var told = box.querySelector("output");
    var items = Array.from(document.querySelectorAll(".finding, .finding-line"));
    var texts = items.map(function (item) {
      return ((item.querySelector("summary") || item).textContent + " " + item.id).toLowerCase();
    });
    var groups = Array.from(document.querySelectorAll("details.reason, .group"));
    box.hidden = false;
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var found = 0;
      items.forEach(function (item, index) {
        var fits = words.every(function (word) { return texts[index].includes(word); });
        item.hidden = !fits;
        found += fits;
      });
      groups.forEach(function (group) {
        group.hidden = !group.querySelector(".finding:not([hidden]), .finding-line:not([hidden])");
      });
      told.textContent = words.length ? found + " of " + items.length : "";
    });
  }
  function reveal() {
    var id = decodeURIComponent(location.hash.slice(1));
    var place = id && document.getElementById(id);
    if (!place) { return; }
    for (var node = place; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") { node.open = true; }
    }
    place.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  reveal();
}());
