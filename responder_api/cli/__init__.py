"""The commands of `dharura`, one module each: `add` registers its parsers, which name the function to run."""
