"""The loop: observe, decide, act, record; and the two doors for people, intents and views."""
