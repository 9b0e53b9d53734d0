package sample

import "slices"

// Place is an area in a region.
type Place struct{ Region, Area string }

// Places lists every region and area that good rows name. A tenant for whom samples are to be imported as they are,
// such as the demo tenant of `retailq up`, must have them first: an import rejects rows whose region or area is
// unknown unless it is told to create them. A Place converts to a store.Place for CreatePlaces of package store.
func Places() []Place { return slices.Clone(places) }

var places = func() []Place {
	var all []Place
	for _, r := range regions {
		for _, area := range r.areas {
			all = append(all, Place{Region: r.name, Area: area})
		}
	}
	return all
}()

// regions are the divisions of Bangladesh, with some places in each.
var regions = []struct {
	name  string
	areas []string
}{
	{"Dhaka", []string{
		"Mirpur", "Uttara", "Dhanmondi", "Mohammadpur", "Savar", "Gazipur", "Narayanganj", "Tangail",
	}},
	{"Chattogram", []string{
		"Agrabad", "Halishahar", "Pahartali", "Patiya", "Cumilla", "Feni", "Noakhali", "Cox's Bazar",
	}},
	{"Rajshahi", []string{
		"Boalia", "Paba", "Bogura", "Pabna", "Natore", "Naogaon", "Sirajganj", "Joypurhat",
	}},
	{"Khulna", []string{
		"Sonadanga", "Daulatpur", "Jashore", "Kushtia", "Satkhira", "Bagerhat", "Magura", "Narail",
	}},
	{"Barishal", []string{
		"Kotwali", "Bakerganj", "Bhola", "Patuakhali", "Pirojpur", "Jhalokati", "Barguna", "Gournadi",
	}},
	{"Sylhet", []string{
		"Zindabazar", "Ambarkhana", "Beanibazar", "Golapganj", "Habiganj", "Sreemangal", "Sunamganj", "Jaflong",
	}},
	{"Rangpur", []string{
		"Jahaj Company", "Dinajpur", "Saidpur", "Gaibandha", "Kurigram", "Lalmonirhat", "Thakurgaon", "Panchagarh",
	}},
	{"Mymensingh", []string{
		"Charpara", "Trishal", "Bhaluka", "Muktagacha", "Jamalpur", "Sherpur", "Netrokona", "Kendua",
	}},
}
