"""Reports for other programs: JUnit, SARIF, Markdown, HAR, a badge."""
