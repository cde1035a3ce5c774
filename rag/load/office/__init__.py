"""Office: documents, slides and sheets, of Microsoft's formats and of OpenDocument's."""
