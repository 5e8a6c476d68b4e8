"""The catalogue of administrative procedures: what decisions publish and abolish, and how it is worked on inside."""
