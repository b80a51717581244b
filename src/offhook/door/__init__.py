"""The door: everything that comes in over HTTP and WebSocket.

* ``access``    who may come in; ``guard`` asks those who want to use the API, or to watch
* ``limits``    how much they may bring
* ``rates``     how often they may come; with it ``counts`` (where it is counted), ``proxies`` (for whose address) and
  ``strangers`` (who shows nothing valid, and asks again and again)
* ``http``      uvicorn's HTTP, with limits to what comes before the application; ``lobby`` holds who says nothing yet
* ``slot``      media upgrades go to picows, all others to uvicorn
* ``media``     which call a media stream is for, and if it may have it
* ``webhooks``  what Twilio asks
* ``api``       what people and programs ask: place, list, show, hang up
* ``live``      what happens on calls, as it happens
* ``health``    alive, and here for its calls
* ``metrics``, ``capacity``  what there is to watch
* ``description``  what the API can do
* ``app``       all of these together
* ``server``    uvicorn around it, and what a signal to stop means
"""
