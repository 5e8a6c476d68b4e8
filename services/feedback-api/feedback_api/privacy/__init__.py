"""Personal data of reporters: who may see them and did, and what the person they speak of may ask for."""
