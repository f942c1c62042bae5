"""The addresses of the door: each module one noun, each route one question or one act."""
