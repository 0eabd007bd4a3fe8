"""Reading a page as a browser would: is every element closed, what does it load, and what does it say."""

from html.parser import HTMLParser

VOID = frozenset(("meta", "input", "br", "link", "img"))
LOADING = frozenset(("src", "href", "action", "data", "poster", "srcset", "formaction", "xlink:href"))


class Page(HTMLParser):
    """Elements must close in order. Collects what attributes would load, the text, and scripts and styles apart."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.scripts = 0
        self.text: list[str] = []
        self.uses: list[dict[str, str | None]] = []
        self.feed(html)
        self.close()
        self.unbalanced += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.scripts += tag == "script"
        if tag == "use":
            self.uses.append(dict(attrs))
        for name, value in attrs:
            if name in LOADING:
                self.links.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)

    @property
    def said(self) -> str:
        """All the text a reader sees, on one line."""
        return " ".join(" ".join(self.text).split())
