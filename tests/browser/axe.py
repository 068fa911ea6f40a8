"""Axe as the tests run it: loaded once into each document, and only its violations carried over."""

from typing import Any

from axe_playwright_python import sync_playwright
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS
from playwright.sync_api import Page


class Axe(sync_playwright.Axe):
    def run(
        self, page: Page, context: Any = None, options: dict[str, Any] | None = DEFAULT_OPTIONS
    ) -> AxeResults:
        # Reading half a megabyte of script takes about as long as looking at a small page with it.
        if not page.evaluate("'axe' in window"):
            page.evaluate(self.axe_script)
        arguments = self._format_script_args(context=context, options=options)
        violations = page.evaluate(f"axe.run({arguments}).then(found => found.violations)")
        return AxeResults({"violations": violations})
