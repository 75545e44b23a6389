"""Publishers of the tests' own: stanzas of the first site's engine whose names lead nowhere, each with a newsroom."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: The print pages of the newsroom print permalinks on the first site's host, which therefore is one of theirs too.
STANZA = """\
[{key}]
name = "آزمون {key}"
hosts = ["www.{key}.example", "www.fars-online.ir"]
default_form = "print"
site_names = ["پیام فارس", "فارس آنلاین"]
datelines = ["پیام فارس", "فارس آنلاین"]
lead_by_dateline = true
[{key}.forms.article]
url = "/Fa/News/{{id}}/"
[{key}.forms.print]
url = "/Incsys/PrtNews.aspx?l=Fa&code={{id}}&k=0"
paths = ['/incsys/prtnews\\.aspx']
query = "code"
"""


def own_folder(folder: Path, *keys: str) -> Path:
    """Write stanzas into a folder of a user's own, and give it."""
    folder.mkdir(exist_ok=True)
    text = "\n".join(STANZA.format(key=key) for key in keys)
    (folder / "sites.toml").write_text('[defaults]\nfamily = "incsys"\n\n' + text, encoding="utf-8")
    return folder
