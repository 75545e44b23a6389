"""Extensions: what watches over a run from its first to its last moment."""
