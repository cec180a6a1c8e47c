package broadcast

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/blockcast/blockcast/engine"
)

func TestWhatReadsLikePromotion(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Flash sale: 20% off everything, today only!",
		"Buy one get one free",
		"New arrivals! Shop now with promo code SPRING",
		"全館 8 折，限時三天",
		"週年慶限時優惠開跑，買一送一",
		"新品上市！立即選購",
		"滿千送百，滿 1000 折 100",
		"Giảm 30% cho mọi đơn hàng",
		"KHUYẾN MÃI lớn cuối năm",
		"Mua 1 tặng 1 duy nhất hôm nay",
		"Ma giam gia cho ban: mua ngay ke nao",
		"２０％　ＯＦＦ", // full width
		"Flash\u200b sale",
	} {
		if hits := Promotion(text); !promotional(hits) {
			t.Errorf("%q is not found: %+v", text, hits)
		}
	}
}

func TestNewsOfOrdersAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"Your order 1234 has been shipped. Track it at https://shop.example.com/t/1234",
		"Hello Mai, your appointment is tomorrow at 10:00.",
		"Your payment of 120.00 was received, 20% VAT included.",
		"您的訂單 1234 已出貨，預計 11/24 送達。",
		"您好，提醒您明天下午三點的預約。",
		"運費已折抵，總金額 NT$1,280。",
		"Đơn hàng 1234 của bạn đang được giao, phí vận chuyển 20.000đ.",
		"Lịch hẹn của bạn là 10:00 ngày mai.",
		"Use the code 482913 to sign in. It is valid for 5 minutes.",
		"Your voucher number is 88.", // one hint alone
	} {
		if hits := Promotion(text); promotional(hits) {
			t.Errorf("%q is taken for promotion: %+v", text, hits)
		}
	}
}

func TestAHitShowsItsPlace(t *testing.T) {
	t.Parallel()
	hits := Promotion(strings.Repeat("長", 40) + "全館 8 折" + strings.Repeat("尾", 40))
	if len(hits) != 1 || hits[0].Rule != "zh_discount" || hits[0].Language != "zh" || hits[0].Found != "8 折" || !strings.Contains(hits[0].Text, "全館 8 折") {
		t.Fatalf("%+v", hits)
	}
	if n := utf8.RuneCountInString(hits[0].Text); n > 40 {
		t.Errorf("the place has %d characters: %s", n, hits[0].Text)
	}
}

func TestHintsOfDifferentVariantsDoNotAddUp(t *testing.T) {
	t.Parallel()
	hits := []engine.Hit{{Rule: "voucher", Weight: 1, Variant: "a"}, {Rule: "offer", Weight: 1, Variant: "b"}, {Rule: "voucher", Weight: 1, Variant: "a"}}
	if promotional(hits) {
		t.Error("one hint in each of two variants is taken for promotion")
	}
	hits[1].Variant = "a"
	if !promotional(hits) {
		t.Error("two hints in one variant are not taken for promotion")
	}
}

func FuzzPromotion(f *testing.F) {
	f.Add("全館 8 折")
	f.Add("Flash sale \xff 20% off")
	f.Fuzz(func(t *testing.T, text string) {
		for _, h := range Promotion(text) {
			if !utf8.ValidString(h.Text) || h.Found == "" || h.Weight < 1 {
				t.Errorf("%+v", h)
			}
		}
	})
}
