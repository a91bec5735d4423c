"""Write one self-contained page about what the probes found."""

from probes.report.contents import ReportContents, Section
from probes.report.write import write_report

__all__ = ["ReportContents", "Section", "write_report"]
