"""How fast pages are: the ledger beside a bare page, over HTTP, in one run."""
