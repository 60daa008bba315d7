"""HTTP messages as data: fields, links, content, errors. No network."""
