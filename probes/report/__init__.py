"""One self-contained page about what the probes found."""

from probes.report.contents import ReportContents
from probes.report.write import write_report

__all__ = ["ReportContents", "write_report"]
