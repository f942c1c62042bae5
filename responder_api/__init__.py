"""The door: everything that comes in from outside and everything that people see goes through here."""
