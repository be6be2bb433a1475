"""QR codes, drawn in the page itself so that no request and no picture file is needed."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(address: str) -> Markup:
    """An inline ``<svg>`` of ``address`` without a size of its own; the style sheet gives it.

    Level M still reads when some of the paper is stained or folded.
    """
    code = segno.make(address, error="m", micro=False)
    # The drawing holds only digits and path letters; the address itself is not in it.
    return Markup(code.svg_inline(omitsize=True, border=2))
