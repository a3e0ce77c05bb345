# SPDX-License-Identifier: MIT
"""Names put in the place of Tom and Mary, which stand in every eighth pair of the corpus: a model that has seen others
learns to carry a name over.
"""

import re
import zlib

from corpus import Pair

BOYS = {"Jerry": "杰瑞", "John": "约翰", "Jack": "杰克", "Mike": "迈克", "David": "大卫", "Peter": "彼得", "Paul": "保罗",
        "Bob": "鲍勃", "Jim": "吉姆", "Bill": "比尔", "George": "乔治", "Henry": "亨利", "Frank": "弗兰克", "Kevin": "凯文",
        "Steve": "史蒂夫", "Sam": "萨姆", "Ben": "本", "Dan": "丹", "Daniel": "丹尼尔", "Michael": "迈克尔", "James": "詹姆斯",
        "Robert": "罗伯特", "William": "威廉", "Richard": "理查德", "Charles": "查尔斯", "Thomas": "托马斯", "Mark": "马克",
        "Brian": "布赖恩", "Eric": "埃里克", "Adam": "亚当", "Alex": "亚历克斯", "Andrew": "安德鲁", "Tony": "托尼",
        "Max": "马克斯", "Oliver": "奥利弗", "Leo": "利奥", "Simon": "西蒙", "Martin": "马丁", "Chris": "克里斯", "Ken": "肯"}
GIRLS = {"Alice": "爱丽丝", "Emily": "艾米丽", "Lucy": "露西", "Anna": "安娜", "Sarah": "萨拉", "Kate": "凯特", "Linda": "琳达",
         "Jane": "简", "Susan": "苏珊", "Nancy": "南希", "Emma": "艾玛", "Lisa": "莉萨", "Betty": "贝蒂", "Helen": "海伦",
         "Julia": "朱莉娅", "Laura": "劳拉", "Rose": "罗丝", "Grace": "格蕾丝", "Sophie": "索菲", "Amy": "埃米", "Jenny": "珍妮",
         "Maria": "玛丽亚", "Diana": "黛安娜", "Elizabeth": "伊丽莎白", "Margaret": "玛格丽特", "Ellen": "埃伦", "Ann": "安",
         "Carol": "卡罗尔", "Judy": "朱迪", "Barbara": "芭芭拉"}
COMMONEST = {("Tom", "汤姆"): list(BOYS.items()), ("Mary", "玛丽"): list(GIRLS.items())}


def renamed(pairs, share):
    """Copies of about `share` of the English-Chinese pairs that name Tom or Mary, under other names; pairs in either order."""
    copies = []
    for pair in pairs:
        draw = zlib.crc32("\t".join(pair).encode())
        if (draw >> 8) % 10000 >= share * 10000:
            continue
        copy = pair
        for (name, chinese), others in COMMONEST.items():
            new, new_chinese = others[draw % len(others)]
            if all(re.search(rf"\b{name}\b|{chinese}", side) for side in copy) and new not in " ".join(copy):
                copy = tuple(re.sub(rf"\b{name}\b", new, side).replace(chinese, new_chinese) for side in copy)
        if copy != pair:
            copies.append(Pair(copy, pair.origin))
    return list(dict.fromkeys(copies))
