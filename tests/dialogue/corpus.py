"""What callers say, and what is meant by it. Some is easy, some is how people really talk.

One line each: the sentence, ``|``, the tool, and the values that are said, as ``name=value`` with JSON values.
"""

import json
from collections.abc import Iterator
from typing import Any

BISTRO = """
i would like to book a table for four people on friday at seven thirty | book_table \
guests=4 day="2026-11-20" time="19:30"
can i reserve a table for two tomorrow evening at eight | book_table guests=2 day="2026-11-19" time="20:00"
table for six on saturday night at nine o'clock please | book_table guests=6 day="2026-11-21" time="21:00"
i want to book a table for three people today at noon | book_table guests=3 day="2026-11-18" time="12:00"
hello there i'd like a table for five this friday evening please | book_table guests=5 day="2026-11-20"
um could i book for two people on tuesday around seven | book_table guests=2 day="2026-11-24" time="19:00"
we are four people and we want to come on wednesday at eight thirty | book_table guests=4 day="2026-11-25" time="20:30"
do you have a table for two tonight | book_table guests=2 day="2026-11-18"
a table for one person on the third of december | book_table guests=1 day="2026-12-03"
could you book me a table at half past six | book_table time="18:30"
i need a reservation for seven people next friday at quarter past eight | book_table \
guests=7 day="2026-11-27" time="20:15"
my name is anna brown and i would like to book a table for two | book_table guests=2 name="Anna Brown"
we would like to reserve for eight on sunday | book_table guests=8 day="2026-11-22"
is there a table available for three on thursday at seven p m | book_table guests=3 day="2026-11-19" time="19:00"
put me down for a table for four please | book_table guests=4
i want to make a reservation | book_table
please reserve a table under the name miller for the twentieth of november | book_table name="Miller" day="2026-11-20"
what are your opening hours | opening_hours
are you open on sunday | opening_hours day="sunday"
when do you open on monday | opening_hours day="weekday"
are you open tonight | opening_hours day="weekday"
what time do you close on saturday | opening_hours day="saturday"
until when are you open tomorrow | opening_hours day="weekday"
tell me your hours please | opening_hours
is the restaurant open on sundays | opening_hours day="sunday"
hi i was wondering if you are open on saturday | opening_hours day="saturday"
i want to cancel my reservation | cancel_booking
sorry i need to cancel the table for tomorrow | cancel_booking
please cancel my booking under the name of smith | cancel_booking name="Smith"
can you cancel the reservation for john | cancel_booking name="John"
i can't come tonight please cancel our booking | cancel_booking
"""

SHOP = """
where is my order | order_status
what is the status of my order | order_status
i want to know where my package is | order_status
can you tell me the status of order number one two three four five | order_status order_number="12345"
has my order been sent | order_status
where's my parcel | order_status
when does my order arrive | order_status
please check the status of my order four four seven one two | order_status order_number="44712"
could you look up order number double five one two three | order_status order_number="55123"
track my order please | order_status
i'm calling about the status of an order | order_status
i would like to cancel my order | cancel_order
cancel order five five five one two | cancel_order order_number="55512"
i don't want it any more please cancel order number nine eight seven six five | cancel_order order_number="98765"
can i cancel an order | cancel_order
i want to change the address of my order | change_address
change my delivery address | change_address
i need to change the address of order one two three four five to twelve main street | change_address \
order_number="12345" address="twelve main street"
can you update the address for my order | change_address
"""

SWITCHBOARD = """
connect me to sales | connect department="sales"
i want to talk to support please | connect department="support"
i have a question about my bill | connect
can i speak to someone in billing | connect department="billing"
put me through to the sales department | connect department="sales"
something is broken | connect
i want to buy something | connect
could you transfer me to support | connect department="support"
get me the billing department please | connect department="billing"
sales please | connect department="sales"
i would like to leave a message | leave_message
can i leave a message | leave_message
please take a message | leave_message
"""

GARAGE = """
i want to schedule an inspection for my car | scheduleInspection
can i book an inspection on monday at ten | scheduleInspection when.date="2026-11-23" when.time="10:00"
i need an inspection tomorrow at nine in the morning | scheduleInspection when.date="2026-11-19" when.time="09:00"
my car needs an inspection | scheduleInspection
what is the price of a clutch repair | get_repair_price part="clutch"
what does it cost to repair the windscreen | get_repair_price part="windscreen"
how much are new brakes | get_repair_price part="brakes"
how much is it to repair my exhaust | get_repair_price part="exhaust"
is my car ready | is_car_ready
is my car ready job number four two | is_car_ready job_number=42
i want to know whether my car is ready | is_car_ready
"""

PIZZERIA = """
i would like a large margherita | order_pizza size="large" pizza="margherita"
can i order a pizza | order_pizza
a large four seasons with extra cheese | order_pizza size="large" pizza="four_seasons" extra_cheese=true
i'd like to order three large margheritas | order_pizza quantity=3 size="large" pizza="margherita"
two small funghi please | order_pizza quantity=2 size="small" pizza="funghi"
what is on the menu | menu
what's on your menu today | menu
what do you have | menu
"""

BANK = """
what is my account balance | account_balance
how much money do i have in my savings account | account_balance account="savings"
what is the balance of my checking account | account_balance account="checking"
i want to transfer fifty euros to account one two three four | transfer_money amount=50.0 to_account="1234"
send two hundred dollars to account five five five five | transfer_money amount=200.0 to_account="5555"
i lost my card | block_card reason="lost"
my card was stolen | block_card reason="stolen"
please block my card | block_card
"""

OUT_OF_DOMAIN = """
the quick brown fox jumps over the lazy dog
my favourite film is about a spaceship and a robot
she walked along the river with her brother last winter
please remember to buy carrots and a loaf of bread
what is the capital of france
tell me a joke
turn on the lights in the kitchen
how tall is mount everest
who won the football match yesterday
play some music by the beatles
set an alarm for six in the morning
i think it is going to rain again
do you believe in ghosts
my neighbour has a very loud dog
the train to london was late this morning
can you recommend a good book
i love walking on the beach in summer
what is the meaning of life
two plus two makes four
the president gave a speech on tuesday
she sells sea shells by the sea shore
have you seen my keys
i am learning to play the piano
the weather is nice today
my grandmother is eighty seven years old
it was a dark and stormy night
let us go to the cinema on saturday
i had eggs and bacon for breakfast
the meeting was moved to thursday
one two three four five six seven eight nine ten
nobody expects the spanish inquisition
where did i put my glasses
he said that she said that they said
eins zwei drei vier
je voudrais un cafe s'il vous plait
blah blah blah
la la la la
and then i told him no
this is so annoying
on friday at seven
the cat sat on the mat
could you water my plants while i am away
i do not want to book a table or order anything
"""


def read(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The sentence, the tool, and the values."""
    for line in text.strip().splitlines():
        sentence, _, meaning = line.partition(" | ")
        tool, _, values = meaning.partition(" ")
        yield sentence, tool.strip(), dict(_pairs(values))


def _pairs(text: str) -> Iterator[tuple[str, Any]]:
    decoder = json.JSONDecoder()
    while text := text.strip():
        name, _, text = text.partition("=")
        value, end = decoder.raw_decode(text)
        yield name, value
        text = text[end:]
