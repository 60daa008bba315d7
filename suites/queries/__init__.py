"""What clients ask of a list: which members, in which order, and which items."""

CODE = "QRY"
TITLE = "selection, sorting, filters and search"
ORDER = 18
