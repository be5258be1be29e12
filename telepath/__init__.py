"""The ground: what cases, slides, people, rights, audit and storage are. Imports none of the other packages."""
