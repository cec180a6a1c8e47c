package app

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// demoPeople is how many people the demo has: three in five are customers of
// the Vietnamese shop, the others of the Taiwanese one.
const demoPeople = 500

// ownPeople is how many of them the visitor's own bot knows as well.
const ownPeople = 12

// demoPerson is one made-up person.
type demoPerson struct {
	Name       string
	FirstName  string
	LastName   string
	Language   string
	TimeZone   string
	Phone      string // E.164
	National   string // the same as people write it
	Birthday   string
	Attributes map[string]any
	Tags       []string
	Subscribed bool
	Asked      bool   // they have said whether they want broadcasts
	Number     string // the shop's own
	OnLINE     bool
	OnPage     bool // of a shop that has a Facebook Page
	Blocked    bool // left the account
	HandedOver bool // talks with a person now
}

// madeUp returns the demo's people, the same in every run.
func madeUp() []demoPerson {
	r := rand.New(rand.NewPCG(20261101, 500))
	people := make([]demoPerson, 0, demoPeople)
	for i := range demoPeople {
		var p demoPerson
		if i%5 < 3 {
			p = vietnamese(r, i)
		} else {
			p = taiwanese(r, i)
		}
		born := time.Date(1965+r.IntN(42), 1, 1+r.IntN(365), 0, 0, 0, 0, time.UTC)
		p.Birthday = born.Format(time.DateOnly)
		p.Attributes["vip"] = r.IntN(8) == 0
		p.Subscribed = r.IntN(10) < 9
		p.Asked = p.Subscribed || i%3 != 0
		p.Blocked = i%50 == 2 || i%50 == 23
		p.HandedOver = i%50 == 12 || i%50 == 39
		p.OnLINE, p.OnPage = platformsOf(i)
		if p.Blocked || p.HandedOver {
			p.OnLINE, p.OnPage = true, false
		}
		people = append(people, p)
	}
	return people
}

// platformsOf spreads people: one in ten is on both platforms, one in four on
// Messenger alone, the others on LINE.
func platformsOf(i int) (line, page bool) {
	both := i%10 == 0
	return both || i%4 != 1, both || i%4 == 1
}

func vietnamese(r *rand.Rand, i int) demoPerson {
	family := pick(r, "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý")
	var middle, given string
	if r.IntN(2) == 0 {
		middle = pick(r, "Thị", "Ngọc", "Thu", "Phương", "Minh", "Khánh", "Bảo", "Thanh", "Diệu")
		given = pick(r, "Anh", "Hương", "Linh", "Trang", "Mai", "Lan", "Ngân", "Thảo", "Vy", "Hà", "Yến", "Nhung", "Quỳnh", "Chi", "Hạnh")
	} else {
		middle = pick(r, "Văn", "Đức", "Quang", "Hữu", "Công", "Minh", "Gia", "Anh", "Tuấn", "Quốc")
		given = pick(r, "Dũng", "Hùng", "Nam", "Phúc", "Khoa", "Long", "Sơn", "Tùng", "Hiếu", "Đạt", "Huy", "Bình", "Thắng", "Kiên", "Trí")
	}
	national := fmt.Sprintf("09%d%07d", []int{1, 3, 4, 6, 7, 8}[i%6], 1000003+i*17471)
	p := demoPerson{
		Name: family + " " + middle + " " + given, FirstName: given, LastName: family + " " + middle,
		Language: "vi", TimeZone: "Asia/Ho_Chi_Minh",
		National: national, Phone: "+84" + national[1:], Number: fmt.Sprintf("KH%04d", i+1),
		Tags:       tagged(r, "khách quen", "thích khuyến mãi", "mua sỉ"),
		Attributes: map[string]any{"city": pick(r, "Hà Nội", "TP. Hồ Chí Minh", "Đà Nẵng", "Hải Phòng", "Cần Thơ", "Huế", "Nha Trang", "Đà Lạt")},
	}
	var orders []any
	for n := range r.IntN(4) {
		orders = append(orders, map[string]any{
			"code": fmt.Sprintf("DH%04d", 1000+i*4+n), "status": pick(r, "packing", "shipping", "delivered", "delivered"),
			"total": float64(150_000 + 10_000*r.IntN(180)), "items": pick(r, "2 áo thun", "1 đôi giày", "1 túi vải", "1 áo thun, 1 túi vải", "2 áo thun, 1 đôi giày"),
		})
	}
	if len(orders) > 0 {
		last := orders[0].(map[string]any)
		p.Attributes["orders"] = orders
		p.Attributes["order_code"], p.Attributes["order_status"], p.Attributes["total"] = last["code"], last["status"], last["total"]
	}
	return p
}

func taiwanese(r *rand.Rand, i int) demoPerson {
	family := pick(r, "陳", "林", "黃", "張", "李", "王", "吳", "劉", "蔡", "楊", "許", "鄭", "謝", "郭", "洪", "曾", "歐陽")
	given := pick(r, "怡君", "雅婷", "淑芬", "美玲", "佳穎", "欣怡", "詩涵", "宜蓁", "家豪", "志明", "俊傑", "建宏", "冠宇", "承恩", "柏翰", "宗翰", "雅雯", "佩珊", "思妤", "品妍")
	national := fmt.Sprintf("09%08d", 11000003+i*173473)
	p := demoPerson{
		Name: family + given, FirstName: given, LastName: family,
		Language: "zh-TW", TimeZone: "Asia/Taipei",
		National: national, Phone: "+886" + national[1:], Number: fmt.Sprintf("M%05d", i+1),
		Tags:       tagged(r, "會員", "愛用優惠券", "門市常客"),
		Attributes: map[string]any{"city": pick(r, "台北", "新北", "桃園", "台中", "台南", "高雄", "新竹", "花蓮")},
	}
	if claimed := r.IntN(6); claimed > 0 {
		p.Attributes["coupons_claimed"] = float64(claimed)
		p.Attributes["coupon"] = pick(r, "秋裝九折", "滿千折百", "免運券")
		p.Attributes["coupon_code"] = fmt.Sprintf("FALL10-%06d", r.IntN(1_000_000))
		p.Attributes["coupon_until"] = time.Date(2026, 12, 1+r.IntN(60), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		p.Attributes["favorite_store"] = pick(r, "台北信義店", "台中公益店")
	}
	return p
}

func tagged(r *rand.Rand, tags ...string) []string {
	var out []string
	for _, t := range tags {
		if r.IntN(4) == 0 {
			out = append(out, t)
		}
	}
	return out
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }
