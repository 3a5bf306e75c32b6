"""Tables drawn for people: on the terminal and as figures."""
