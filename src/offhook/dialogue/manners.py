"""The sentences that the agent says by itself, whatever it is for."""

from typing import Final

GREETING: Final = "Hello! How can I help you?"
WHAT_CAN_I_DO: Final = "What can I do for you?"
WHAT_ELSE: Final = "What else can I do for you?"
GOODBYE: Final = "Thank you for calling. Goodbye."
WELCOME: Final = "You are welcome."
ALL_RIGHT: Final = "All right."
ONE_MOMENT: Final = "One moment, please."
ARE_YOU_THERE: Final = "Are you still there?"
TIME_IS_UP: Final = "I am sorry, this call has reached its longest time. Goodbye."
LINE_WAS_LOST: Final = "I am sorry, the line broke for a moment."
NOT_NOW: Final = "I am sorry, I cannot do that at the moment."

NOT_UNDERSTOOD: Final = "I am sorry, I did not understand."
SAY_IT_AGAIN: Final = "Could you say it in other words?"
STILL_NOT_UNDERSTOOD: Final = "I am sorry, I still did not understand."
GIVE_UP_TO_PERSON: Final = "I am sorry that I do not understand you. I am connecting you to someone who can help."
GIVE_UP: Final = "I am sorry that I could not help you. Please call again. Goodbye."
CAN_NOT_HELP: Final = "I am sorry that I cannot help you with that."

CONNECTING: Final = "I am connecting you."
NOBODY_HERE: Final = "I am sorry, I cannot connect you to anyone."

WHAT_TO_CHANGE: Final = "I am sorry. What should I change?"
NEEDED: Final = "I cannot go on without it."

FAILED: Final = "I am sorry, that did not work. Please try again later."
UNCERTAIN: Final = "I am sorry, something went wrong, and I cannot say whether it was done."
DONE: Final = "That is done."
NOT_POSSIBLE: Final = "I am sorry, that is not possible."
