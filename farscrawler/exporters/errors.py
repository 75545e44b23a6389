"""What is wrong with an export file, as a sentence for the user."""


class ExportError(Exception):
    """The file cannot be written without losing or spoiling something; it was left untouched."""
