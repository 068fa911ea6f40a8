"""Files as rows of cells, whatever their format: CSV, Excel workbooks, JSON.

`opened` tells them apart by their content. Every reader refuses what it cannot read with a clear sentence, holds one
row at a time, and can be read more than once.
"""

from agreements.exchange.importing.readers.opening import opened
from agreements.exchange.importing.readers.tables import Row, Table

__all__ = ["Row", "Table", "opened"]
