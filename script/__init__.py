"""The commands of this repository that are written in Python."""
