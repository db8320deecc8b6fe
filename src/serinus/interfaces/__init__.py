"""How people reach the program: each interface reads views and leaves intents, and never acts."""
