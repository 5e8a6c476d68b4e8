"""Which commune a place lies in, by outlines that the operator imports."""
