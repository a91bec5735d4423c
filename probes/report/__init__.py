"""Write one self-contained page about what the probes found, in one run or in several."""

from probes.report.contents import ReportContents, Section
from probes.report.write import read_layout, write_page, write_report

__all__ = ["ReportContents", "Section", "read_layout", "write_page", "write_report"]
