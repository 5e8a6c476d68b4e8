"""The steps that a dossier goes through inside, from progress rows of one-stop software."""
