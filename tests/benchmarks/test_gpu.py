"""The page on GPUs says what was measured on one."""

import json

from benchmarks.gpu_table import PAGE, RESULTS, page


def test_the_page_is_that_of_the_results() -> None:
    assert page(json.loads(RESULTS.read_text("utf-8"))) == PAGE.read_text("utf-8")
