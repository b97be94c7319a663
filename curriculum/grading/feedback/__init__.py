"""Pages made of notebooks: what students and graders read, safe to open and whole without a network."""
