"""What invented people are called and where they live. Nobody in particular."""

from typing import Final

#: Family names with their pinyin, the commonest first.
FAMILY: Final = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("黄", "huang"), ("赵", "zhao"),
    ("吴", "wu"), ("周", "zhou"), ("徐", "xu"), ("孙", "sun"), ("马", "ma"), ("朱", "zhu"), ("胡", "hu"), ("郭", "guo"), ("何", "he"),
    ("林", "lin"), ("罗", "luo"), ("高", "gao"), ("郑", "zheng"), ("梁", "liang"), ("谢", "xie"), ("宋", "song"), ("唐", "tang"),
    ("欧阳", "ouyang"),
)  # fmt: skip
#: Characters of given names with their pinyin.
GIVEN: Final = (
    ("伟", "wei"), ("芳", "fang"), ("娜", "na"), ("敏", "min"), ("静", "jing"), ("丽", "li"), ("强", "qiang"), ("磊", "lei"), ("军", "jun"),
    ("洋", "yang"), ("勇", "yong"), ("艳", "yan"), ("杰", "jie"), ("娟", "juan"), ("涛", "tao"), ("明", "ming"), ("超", "chao"),
    ("秀", "xiu"), ("霞", "xia"), ("平", "ping"), ("刚", "gang"), ("桂", "gui"), ("英", "ying"), ("华", "hua"), ("玉", "yu"), ("兰", "lan"),
    ("晨", "chen"), ("雨", "yu"), ("欣", "xin"), ("怡", "yi"), ("子", "zi"), ("涵", "han"), ("梓", "zi"), ("轩", "xuan"), ("思", "si"),
    ("琪", "qi"),
)  # fmt: skip
#: City, province, and how many of a hundred customers live there.
CITIES: Final = (
    ("上海", "上海", 16), ("北京", "北京", 14), ("广州", "广东", 10), ("深圳", "广东", 10), ("杭州", "浙江", 8), ("成都", "四川", 8),
    ("南京", "江苏", 6), ("武汉", "湖北", 6), ("西安", "陕西", 5), ("苏州", "江苏", 5), ("重庆", "重庆", 4), ("长沙", "湖南", 3),
    ("青岛", "山东", 2), ("厦门", "福建", 2), ("昆明", "云南", 1),
)  # fmt: skip
#: Where customers come from, and how many of a hundred do.
SOURCES: Final = (
    ("微信小程序", 30), ("天猫旗舰店", 22), ("门店-001", 12), ("门店-014", 10), ("朋友推荐", 10), ("抖音", 9), ("企业微信", 5), ("官网", 2),
)  # fmt: skip
OCCUPATIONS: Final = ("教师", "工程师", "设计师", "销售", "医生", "学生", "自由职业", "公务员")
CHANNELS: Final = ("小程序", "天猫", "门店", "官网")
