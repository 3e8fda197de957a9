"""Test reports of other kinds than JUnit's XML, told by the elements that JUnit has."""
