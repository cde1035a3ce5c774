"""Process: reading apart, where a document can do no harm, and ahead."""
