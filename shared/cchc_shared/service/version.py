"""The version of this system. A process without package metadata (in an image) knows it too."""

VERSION = "0.1.0"
