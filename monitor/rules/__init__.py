"""Rule files: what a story may say (`schema`), reading them with every error placed (`load`), the tests in them (`testing`)."""
