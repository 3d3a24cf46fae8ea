"""The house's own documents: PDF pages in one dress, and the bank's signature under them.

`page` and `signing` import heavy libraries: import them inside the function that needs them.
"""

from dojang.documents.service import Documents

__all__ = ["Documents"]
