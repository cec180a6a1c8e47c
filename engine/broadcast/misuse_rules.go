package broadcast

// rule is one way in which promotion reads. A weight of 2 is promotion by
// itself; 1 is a hint, and two different ones are promotion.
type rule struct {
	name     string
	language string // zh, vi or en
	weight   int
	pattern  string // over text in lower case, folded to plain letters and digits of half width
}

// rules are what promotion reads like in the languages of the people who are
// written to. A rule is about what is offered and not about single words that
// news of an order has too, such as price, discount line or free shipping of
// that order.
var rules = [...]rule{
	{"percent_off", "en", 2, `\b\d{1,2}\s?% ?(off|discount)\b`},
	{"sale", "en", 2, `\b(flash|clearance|mega|summer|winter|black friday|year[- ]end) sale\b`},
	{"buy_get", "en", 2, `\bbuy (one|two|\d+),? get (one|two|\d+)\b`},
	{"voucher", "en", 1, `\b(voucher|coupon|promo ?code|discount code)\b`},
	{"limited", "en", 1, `\b(limited[- ]time|today only|last chance|hurry|while stocks last|don'?t miss)\b`},
	{"shop_now", "en", 1, `\b(shop|buy|order) now\b`},
	{"new_in", "en", 1, `\b(new arrivals?|just launched|best ?sellers?)\b`},
	{"offer", "en", 1, `\b(special|exclusive|great) (offer|deal|price)s?\b`},

	{"zh_discount", "zh", 2, `([1-9][0-9]?|[一二三四五六七八九])\s?折`},
	{"zh_sale", "zh", 2, `(限時|限时|年終|年终|週年|周年|清倉|清仓|換季|换季)(特賣|特卖|大拍賣|折扣|促銷|促销|優惠|优惠|搶購|抢购)`},
	{"zh_buy_get", "zh", 2, `[買买][一二兩两1-9].{0,4}[送贈赠][一二兩两1-9]`},
	{"zh_spend", "zh", 2, `滿\s?\d+.{0,6}(折|減|送|現抵)|满\s?\d+.{0,6}(折|减|送)`},
	{"zh_voucher", "zh", 1, `(優惠券|优惠券|折價券|折扣碼|折扣码|優惠碼|优惠码|購物金|购物金)`},
	{"zh_limited", "zh", 1, `(限時|限时|限量|倒數|倒数|最後機會|最后机会|錯過不再|手刀|數量有限|数量有限)`},
	{"zh_shop_now", "zh", 1, `(立即|馬上|马上|快來|快来|現在就|现在就)(選購|选购|搶購|抢购|購買|购买|逛逛|下單|下单)`},
	{"zh_new_in", "zh", 1, `(新品上市|新品登場|全新上市|熱賣|热卖|熱銷|热销|人氣商品|人气商品)`},
	{"zh_offer", "zh", 1, `(獨家|独家|專屬|专属|超值|特別|特别)(優惠|优惠|好康|折扣)`},

	{"vi_percent_off", "vi", 2, `(giảm|giam|sale|ưu đãi|uu dai)( giá| gia)?( đến| den| tới| toi| up to)?\s?\d{1,2}\s?%`},
	{"vi_sale", "vi", 2, `(khuyến mãi|khuyen mai|khuyến mại|khuyen mai lon|xả kho|xa kho|thanh lý|siêu sale|sieu sale|flash sale)`},
	{"vi_buy_get", "vi", 2, `mua \d+ (tặng|tang) \d+`},
	{"vi_voucher", "vi", 1, `(mã giảm giá|ma giam gia|phiếu giảm giá|mã ưu đãi)`},
	{"vi_limited", "vi", 1, `(số lượng có hạn|so luong co han|chỉ hôm nay|chi hom nay|cơ hội cuối|co hoi cuoi|nhanh tay|duy nhất hôm nay)`},
	{"vi_shop_now", "vi", 1, `(mua ngay|đặt hàng ngay|dat hang ngay|sắm ngay|sam ngay|chốt đơn|chot don)`},
	{"vi_new_in", "vi", 1, `(hàng mới về|hang moi ve|mới ra mắt|moi ra mat|bán chạy|ban chay)`},
	{"vi_offer", "vi", 1, `(ưu đãi|uu dai) (đặc biệt|dac biet|độc quyền|doc quyen|cực sốc|lớn|hấp dẫn)`},
}
