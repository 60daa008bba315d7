"use strict";
(function () {
  var form = document.getElementById("filter");
  var items = Array.from(document.querySelectorAll(".finding, .finding-line"));
  var groups = Array.from(document.querySelectorAll("details.reason, .alike, .fold, .group"));
  var texts = null;
  var clear = function () {};

  // What can be searched: the text of a finding, not its exchanges, which are most of the page.
  function searched(item) {
    var parts = Array.from(item.querySelectorAll("summary, .prose"));
    return (parts.length ? parts : [item]).map(function (part) { return part.textContent; })
      .concat(item.id).join(" ").toLowerCase();
  }

  if (form) {
    var label = form.querySelector("output");
    var choices = Array.from(form.querySelectorAll("select"));
    var say = function (text) { label.textContent = text; };
    var apply = function () {
      var words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
      texts = texts || items.map(searched);
      var found = 0;
      items.forEach(function (item, index) {
        var fits = choices.every(function (choice) {
          return !choice.value || item.dataset[choice.name] === choice.value;
        }) && words.every(function (word) { return texts[index].includes(word); });
        item.hidden = !fits;
        found += fits;
      });
      groups.forEach(function (group) {
        group.hidden = !group.querySelector(".finding:not([hidden]), .finding-line:not([hidden])");
        // What a reader filters for must be seen.
        if (group.matches(".alike, .fold")) { group.open = found < items.length; }
      });
      say((found === items.length ? "All " + found : found + " of " + items.length) + " findings shown");
    };
    clear = function (place) {
      if (!place.closest("[hidden]")) { return; }
      form.elements.words.value = "";
      choices.forEach(function (choice) { choice.value = ""; });
      apply();
      say("Filter cleared to show " + place.id);
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(apply); });
    // A browser that restores what was chosen before the page was loaded again must show what it says.
    window.addEventListener("pageshow", function () {
      if (form.elements.words.value || choices.some(function (choice) { return choice.value; })) { apply(); }
    });
  }

  function reveal() {
    var id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch (error) { return; }
    var place = id && document.getElementById(id);
    if (!place) { return; }
    clear(place);
    for (var node = place; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") { node.open = true; }
    }
    var shown = place.classList.contains("place") ? place.closest("details") : place;
    shown.scrollIntoView();
    var head = shown.querySelector("summary");
    if (head && shown.tagName === "DETAILS") { head.focus({ preventScroll: true }); }
  }
  window.addEventListener("hashchange", reveal);
  // The same link again changes no hash.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) { reveal(); }
  });

  function copied(button, text, word) {
    var done = function (label) {
      button.textContent = label;
      setTimeout(function () { button.textContent = word; }, 2000);
    };
    var select = function () {
      var range = document.createRange();
      range.selectNodeContents(text);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      done(document.execCommand("copy") ? "Copied" : "Press Ctrl+C");
    };
    if (!navigator.clipboard) { select(); return; }
    navigator.clipboard.writeText(text.textContent).then(function () { done("Copied"); }, select);
  }
  function addCopy(text) {
    if (text.dataset.copy) { return; }
    text.dataset.copy = "1";
    var word = "Copy curl";
    var button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = word;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", function () { copied(button, text, word); });
    text.after(button);
  }
  // Thousands of exchanges are closed: each gets its button when it is opened.
  document.addEventListener("toggle", function (event) {
    var found = event.target.open && event.target.querySelector(":scope > .curl");
    if (found) { addCopy(found); }
  }, true);
  document.querySelectorAll("details[open] > .curl").forEach(addCopy);
  reveal();
}());
