"""omnibus_tests."""
