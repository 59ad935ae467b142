"""What happens, told to those it concerns: the event list and the live stream.

Words: event, position, topic, audience.
"""
