package sample

// What shops, owners and streets are called. A change here, even of the order, changes every sample.

var owners = []string{
	"Rahim", "Karim", "Jamal", "Kamal", "Hasan", "Hossain", "Rafiq", "Shafiq", "Selim", "Alam", "Babul", "Dulal",
	"Faruk", "Habib", "Iqbal", "Jahangir", "Kabir", "Liton", "Mizan", "Nasir", "Osman", "Parvez", "Quddus", "Ripon",
	"Salam", "Tareq", "Yusuf", "Zakir", "Anwara", "Fatema", "Hasina", "Jahanara", "Khadija", "Nasrin", "Rokeya",
	"Shirin",
	"Bhai Bhai", //nolint:dupword // "Brothers", as many a shop is called
	"Mayer Doa", "Bismillah", "New Madina", "Al-Amin", "Padma", "Meghna", "Jamuna", "Shapla",
}

var trades = []string{
	"Store", "General Store", "Traders", "Enterprise", "Variety Store", "Confectionery", "Pharmacy", "Tea Stall",
	"Departmental Store", "Brothers", "& Sons", "Telecom", "Grocery", "Bakery", "Mini Mart", "Super Shop",
}

// quotedNames are written as CSV wants them: in quotes, and quotes within them doubled.
var quotedNames = []string{
	`"Rahman, Haque & Co."`, `"Shop No. 7, Hawkers' Market"`, `"""Ma"" Store"`, `"Ali's ""One Taka"" Shop"`,
	`"Karim, Rahim and Sons"`, `"Chowdhury Traders, Unit 2"`,
}

var banglaOwners = []string{
	"রহিম", "করিম", "জামাল", "কামাল", "হাসান", "সেলিম", "বাবুল", "মায়ের দোয়া",
	"ভাই ভাই", "বিসমিল্লাহ", "নিউ মদিনা", "পদ্মা", "মেঘনা", "যমুনা", "শাপলা", "ফাতেমা",
}

var banglaTrades = []string{
	"স্টোর", "জেনারেল স্টোর", "ট্রেডার্স", "এন্টারপ্রাইজ", "ফার্মেসি", "কনফেকশনারি", "ভ্যারাইটি স্টোর", "টি স্টল",
}

var streets = []string{
	"Station Road", "College Road", "Hospital Road", "Bazar Road", "Court Road", "Mosque Lane", "School Road",
	"Old Bus Stand", "New Market", "Thana Road", "Kacha Bazar", "Lake View Road", "Riverside", "Launch Ghat Road",
	"Bypass Road", "Housing Estate",
}

// The share of each is how often it stands here.

var credits = []string{
	"", "0", "0.00", "500", "1000", "2500.00", "5000", "5000.00", "7500.50", "10000", "10000.00", "12500.75", "15000.00",
	"20000", "25000.00", "30000.00", "50000", "75000.00", "100000.00", "250000",
}

var actives = []string{
	"true", "true", "true", "true", "yes", "yes", "1", "Active", "TRUE", "Y", "false", "no", "0", "inactive", "",
}
