"""Sound: what it is, and how it gets from one shape into another. Nothing here waits.

In reading order:

* ``formats``   an encoding at a rate
* ``g711``      µ-law and A-law
* ``resample``  8, 16 and 24 kHz, frame after frame
* ``chain``     joins two formats through the two above, and prints its path
* ``meter``     how loud a frame is
* ``wav``       files
"""
