"""The main job, from the door to the score, over the running system on each carrier."""
