"""Cities as the whole node knows them: what one change means for studies, logs and sites."""
