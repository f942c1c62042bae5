"""Everyday words and people's names: what stands in a Kenyan report and names no place.

English, Swahili, Sheng, Dholuo, Ekegusii, and the commonest Kenyan names of people. `geo.words` reads them; a word
here may still be a place ("Kuria", "Wanjiku"), but it takes more to believe it.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH: Final = _words("""
    2 2day 2moro 4 a abandoned able about above abroad absent abt abundant accident accidents across act action
    active activity acts actually added adults advent advise affected afraid after afternoon again against aged
    agency ago ahead aid aids airlift airtime alarm alert alive all allow allowed almost alone along already alright
    also although always am amazing ambulance ambulances among amount an ana anchor and angel angry animal animals
    announce another answer any anybody anyone anything anywhere apart appeal apple approaching approved ardhi are
    area arent arise armed army arrested arrive arrived arson as asap ashes aside asked asking asleep assess assist
    assistance assistant attack attacked attacking attacks attention authorities authority available avoid awake
    aware away b4 babies baby back bad badly bag bags balance balloon banana band bandit bandits bank banks bar bars
    base based basic bathroom battery be beans beat beaten beating beauty became because become bed beds been bees
    before began begging begin beginners behind being believe belongings below beneath beside besides best better
    betting between beyond bhnd bicycle big bike bikes birds birth bit bite bitten bitter black blast bleeding bless
    blessed blessing blew blocked blocking blocks blood blow blown blue board boat boats boda bodies body boiling
    bomb bombs bone bones bonus book books border born borrowed both bottle bottom bought bound box boy boys brain
    brake brakes branch branches brave bread break breaking breath breathing bricks bridges brigade bright bring
    bringing broadway broke broken brother brothers brought bt building buildings builds bull bullet bullets bundle
    bundles bunge buried burn burned burning burns burnt burst bursting bus bush bushes business busy but buy buying
    cable cables calf call called caller calling calls calm caltex came camel camels camera campaign can cannot
    canoe cant capsize capsized car carcass care careful cargo caring carried carry carrying cars case cases cash
    casualties casualty cattle caught cause caused causing caution cave cc cell cement central chairs challenge
    changing channels chaos charcoal charge check checking chemist chest chicken chickens chief chiefs child
    children choir choke cholera choose chop chopper chosen christian christmas church chyldren citizen citizens
    city civil claim clash clashes class classes classroom classrooms clean clear cleared clearing client clinic
    clock close closed closing cloth clothes cloud clouds cn coast coffee coffin cold collapse collapsed collapsing
    collide collided collision colour com come comfort coming commercial committee common community compound concern
    concerned condition conditions confirm confirmed conflict confused congratulations connection construction
    contact contacts container contaminated continue continues control cook cooked cooker cooking cool cooler corner
    corpse correct cos cost cough could couldnt council counting country couple course cover covered cow cows coz
    crack cracked cracking cracks crash crashed crazy creative cries crime criminals crisis critical crop crops
    cross crossed crossing crowd crowded crusade cry crying culvert cup current currently customer customers cut
    cutting cyclist d da daily dam damage damaged damages danger dangerous dare dark darken dat data date daughter
    daughters daylight days dead deadly deal death deaths debris decided deep deeply defence degree delay delayed
    deliverance delivered delivery demolished department depth desire desk desperate destroy destroyed destroying
    detail details development diarrhea diarrhoea did didnt die died dies diesel different difficult dig digging
    dinner dip direct direction directly dirt dirty dis disappeared disaster disasters disease diseases dispatch
    displaced displacement distance distress distressed district ditch dive divers divert do doctor doctors doesnt
    dog dogs doing done donkey donkeys dont door doors double doubt down downhill downpour downstream drain drainage
    drains drank dream drink drinking drive driven driver drivers driving drop dropped drops drought drove drown
    drowned drowning drunk dry due dump during dust duty dying dyke each eagle early earth earthquake earthquakes
    easily easter eat eating edge edges education educational effect effort eggs eid eight eighty either elderly
    election electric electrical electricity electrocuted electrocution elephant elephants eleven else elsewhere
    emerald emergencies emergency empty end ended engine english enough enroute ensure enter entered entering entire
    entrance environment eod epidemic equipment erosion escape escaped especially est evacuate evacuated evacuating
    evacuation even evening event ever every everybody everyone everything everywhere exactly excellent except
    exchange exercise exit expect expected exploded explosion explosions exposed extended extensive extinguish
    extinguisher extra extreme extremely eye eyes face facebook facility fact factory fail failed failure faint
    fainted faithful fall fallen falling falls false families family far farm farmer farmers farms fast fatal
    fatalities father fault favour fear feared fears federal feed feel feeling fees feet fell fellow felt female
    fence fever few field fierce fifteen fifth fifty fight fighting fights figure fill filled filling filter finally
    find finding fine finger fingers finish finished fire fires first fish fisherman fishermen fishing five fix
    fixed flame flames flash flashing flat flights float floating flood flooded flooding floods floor flooring flow
    flowed flowing flows fly flying foam focus fog folks follow followed following food fools foot football for fora
    forced forces forcing forest forever forget forgot form fortune forty forward forwarded found foundation four
    fracture fractured frank free fresh fridge friend friends frm frnd from front fuel fujo fuliza full fully fumes
    furniture further future fyi gang gangs garage garbage garden gas gate gates gateways gather gathered gave gem
    general generation generator gentle geo get gets getting giant giraffe girl girls give given giving glass global
    glory go goal goat goats god gods going gold golden gone good goods goodwill google got government gps grabbed
    grain grand grandfather grandmother grass grave graze grazing great green ground grounds group groups grow
    growing grt guard guards gud guess guide gun guns guy guys habari had hadnt hail hailstones hailstorm hair half
    hall hand handle hands hanging hapa hapo happen happened happening happens happy harassed hard hardly harm
    harmony harvest has hasnt hate haul have haven havent having he head headed heading headmaster heads headteacher
    healing health hear heard heart heat heavily heavy height held helicopter hello help helped helping helpless
    hence her herd herder herders herdsmen here heres hero hers hes hey hi hid hidden hide high higher highly hill
    him hippo hippos hire his hit hitting hlp hold holding hole holes holiday holy home homes hope hoping horizon
    horrible horses hospital hostel hotel hour hours house household households houses how however hr hrk hrs hse
    hses http https huge hujambo human hundred hundreds hunger hungry hunting hurry hurt hurting husband hut huts hw
    hyena hyenas i id idea ideal if ignored ill im immediate immediately impassable important inches incident
    incidents included including increase increased increasing indeed infected infection info inform information
    injure injured injuries injury insecurity inside instead integrity intense interior into inundated invade
    invaded involved involving iron is island isnt issue issues it item items its itself ive jackpot jail jam jambo
    job jobs join joined joint journey joy jump jumped jumping just keep keeping kenya kenyan kept key keys kick
    kicked kidnapped kids kill killed killer killing killings kilometer kilometers kilometre kilometres kind kindly
    kiosk kitchen km kms knee knife knocked know known knows kplc krb kumi kwa lack ladies lady laid lake lakes lamp
    land landmark lands landslide landslides landslip lane large larger last lat late later latest latitude launch
    law lay lead leader leaders league leak leakage leaking learn learners least leave leaves leaving led left leg
    legs leisure less lessons let lets letter level levels liberty lie lies life lifted light lightning lights like
    likely limb limited line lines lion lions list lit little live lives livestock living lng load loaded loan local
    locals locate located location locked locust locusts lon long longer longitude look looking looks loose lorry
    lose losing loss lost lots lotus loud love low lower lucky luggage lunch lying machine maduka magnet main maize
    major majority make makes making malaria male man management manager mango manhole many map maps march mark
    marks mass massive master matatu match materials maternity matter mattress maximum may maybe mca mcas me mean
    means meant measles measure measures meat media medical medicine medics meet meeting member members men mention
    mentor mere merry message met metal meter meters metres mid middle might mile miles milk million min mind mine
    miners mines minor mins minute minutes miracle miss missed missing mission mistake mix mkt mlitupatia mob mobile
    modern moment monday money month months moon more moreover morning mosquito most mostly mother mothers motor
    motorbike motorcycle motorcycles motorist motorists mountain mouth move moved movement moves moving mpesa mr msg
    mtoi much mud muddy mudslide mudslides murder murdered murky must my myself n nairobian naked name named names
    nane nap narrow nation national natural nature near nearby nearest nearly neck need needed needle needs neighbor
    neighborhood neighbors neighbour neighbourhood neighbours neither nets network never new newborn news next niche
    night nights nine ninety no nobody noise none noon normal north nose not note nothing notice noticed notify now
    nowhere nr number nurse nurses nursing nyt oak oasis object observation obstructed obvious occupants occur
    occurred ocean ocpd ocs odd odds of off offer office officer officers official officials often oil ok okay old
    older once one ones ongoing only onto open opened opening openstreetmap opposite optimistic or order orders org
    orphan orphans other others our ourselves out outbreak outer outskirts over overcrowded overflow overflowed
    overflowing overloaded overnight overspill overturn overturned overturning owing own owner owners oxygen pace
    package packed page paid pain painful pair palm panic paper parcel parent parents park parked parking part
    particular parts party pass passed passenger passengers passes passing past pastor pasture path patient patients
    patrol pay paybill paying pc peace peak pedestrian pedestrians pen pending people per perfect perhaps perimeter
    period perished permanent person personal persons petrol phoenix phone phoned phones photo pick picked pickup
    picture piece pieces pig pigs pile piled pine pipe pipeline pipes pit pits place placed places plain plan plane
    plant planted plants plastic plate play played playing plc pleasant please plenty plot pls plz pm point poison
    poisoned poisoning pole poles police polish polling pollution pond ponds pool poor popular population port posho
    position possible possibly post posta posted pot potholes pouring powder power powers ppl pple pray prayers
    precious predicted pregnancy pregnant prepare present press pressure prevent previous pri price prime prison
    prisoner private prize probably problem problems proceed process program progressive project promise promised
    proper properly properties property protect protest protests provide psv public pull pulled pump pumping pumps
    punctured pupil pupils purple purpose push pushed put putting quake quality quarry quarter queen queue quick
    quickly quiet quite r rabies race radio raged raging raid raided raiders raiding raids rail railway rain rainbow
    rained raining rains raise rally ramadhan rammed ran range rape raped rapid rapidly rare rash rather ravine
    reach reached reaching read reading ready real really reason receive received recent recently recover recovered
    recovery red reduce reduced ref referred refugees refuse regarding region register regular related relative
    relatives release released reliance relief remain remained remaining remains remedy remember remote remove
    removed renewal repair repeat report reported reporter reporting reports request requesting requests require
    required rescue rescued rescuer rescuers rescuing reservoir residence resident residential residents resort
    resource resources respond responded responding response rest restaurant rested restoration result results
    retention return returned returning revenge rice rich ride rider riders ridge riding rift right riot riots
    ripped rise rises rising risk risks river rivers road roadblock roads roadside roar roaring rob robbed robber
    robbers robbery rock rocks rocky rod rogue roll rolled rolling roof roofs room root rope rose rotten rough round
    route row rta rubbish rubble ruin ruined rule rumour rumours run runaway runners running runs rural rush rushed
    rushing rustlers rustling sabini sack sacks sad safe safely safety said sake sale salt sambaza same sand
    sanitation saturday save saved saving saw say saying says scared scene school schools screaming sea search
    searching season seat sec second seconds secret section security see seeing seek seem seems seen seized self
    sell selling send sending sent serious seriously serve service services set settled settlement seven seventy
    several severe severely sewage sewer sewerage sex shake shaken shaking shall shallow shame shape share sharp she
    shed sheep shelter shes shift shikamoo ship shirt shock shoes shoot shooting shop shopkeeper shopping shops
    shore short shortage shot shots should shoulder shouldnt shout shouting show showed showing shows shut sick side
    sides sight sign signal signs silent silt silver similar simple since single sink sinking sir siren sisi sister
    sisters sit site sites sitrep sitting situation six sixty size skidded skin sky sleep sleeping slept slid slide
    slides sliding slip slipped slippery slope slow slowly small smaller smart smashed smell smelling smoke smokes
    smoking sms snake snakebite snakes soaked social soil sold soldier soldiers solid some somebody somehow someone
    someplace something sometimes somewhere son sons soon sore sorry sort sos sound sounds source south southern
    space spam spark sparks speak speaking special speed speeding spend spent spill spillage spilled spilling spilt
    spirit spoke spot spots spray spread spreading spring square stab stabbed staff stage stages stairs stalled
    stalls stamp stand standing stands star stare starlets stars started starting starts starve starving state
    station stations stay stayed staying steady steal stealing steam steel steep step stepped steps steward stick
    sticks still stinking stocks stolen stomach stone stones stood stop stopped stopping store stores storey stories
    storm storms story straight stranded strange strategy stream streams street streets strength stretch strike
    strikes striking strong stronger struck struggle struggling stuck student students stuff submerge submerged
    submerging substance success such sudden suddenly suffer suffered suffering suffocating sugar suggest suicide
    summer sun sunday super supply support supposed sure surface surge surrounded surrounding survive survived
    survivor survivors suspect suspected suspects suspicious swallowed swam swamp swampy sweep sweeping sweet
    swelling swept swift swim swimming swollen symptoms system table tail take taken takes taking tala talk talking
    tall tank tanker tanks tap target tarmac taxi tea teacher teachers team teams tear teargas tears technical
    technology teenager tel telephone tell telling tells temple ten tension tent tents terrible terribly terrified
    terror terrorist terrorists test tested thank thanking thanks that thatch thats the their them themselves then
    there therefore theres these they theyre thick thief thieves thin thing things think thinking third thirsty
    thirty this though thought thousand threat threatened threatening threats three threw throat throughout throw
    throwing thrown thug thugs thunder thunderstorm thursday thus thx ticket tide tied tight till timber time times
    tiny tipped tired today together toilet toilets told toll tomorrow ton tonight tonnes too took tools top tore
    torn torrential total totally touch touching tough tour tourist tourists toward towards towed tower town towns
    track tractor trade traders traffic trailer train trains transaction transformer transition transport trap
    trapped travel traveling travellers travelling treat treated treatment tree trees tremor tremors trench trenches
    trespass triangle tried trip trouble trough truck trucks true trunk trust trusted truth try trying tsunami
    tuesday tuktuk tune tunnel turn turned turning twelve twenty twice twin twins twist twisted twitter two tym type
    typhoid tyre tyres u unable uncle unconscious uncover under underneath understand underwater undo unfortunately
    unite united unity universal universe unknown unless unsafe until unwell up uphill upright uproot uprooted
    uprooting upset upstairs upstream upward ur urgent urgently us used useful useless user uses using usual usually
    vaccine valley valuables van vandal vandalized various vegetables vehicle vehicles venom verify version very
    vessel via victim victims victory video view viewpoint village villager villagers violence violent visa visible
    vision visit visited visitors voice voluntary volunteer vomit vomited vomiting votes w8 wadau wage wait waited
    waiting wake walk walked walking wall walls wameshinda wanne want wanted wanting war wards warm warn warned
    warning warnings was wash washed washing wasnt waste wat watch watched watching water waterlogged waters wave
    waves way ways we weak weapon weapons wear weather wedding wednesday week weekend weeks weight welcome well
    wells wen went were west wet weve what whatever whats whatsapp wheel wheels when whenever where whereby wherever
    whether which white who whoever whole whose why wide widow wife wild wildfire wildlife will willing wind window
    windows windy winner wipe wire wires wisdom wish with within without witness witnessed witnesses wolf woman
    women wonder wonderful wont wood wooden woods word words work worked worker workers working works world worried
    worry worse worsening worst worth wota would wouldnt wound wounded wounds wreck write wrong wth www y yard yards
    year years yell yelling yellow yes yesterday yet yonder you young your youre youth youths zebra zone zoom
""")
_SWAHILI: Final = _words("""
    abiria adhabu afya aibu aidha ajabu ajali ajalini akaanguka akafa akamatwe akina alafu alfajiri alipigwa aliye
    aliyekufa ama amani ambao ambapo ambia ambulensi ameanguka amefariki amegongwa ameibiwa amejeruhiwa amekufa
    amekwama amelala amepigwa amepotea amesombwa ameumia amezama amka anahitaji anaitwa anaomba anasema angalau
    angalia anza apana asali asante askari asubuhi atoke baada baadaye bado bahari baharini baina baiskeli balaa
    bana bara barabara barabarani baridi base basi benki biashara bila binadamu bodaboda bomba bomoka bomu bondeni
    bora boti buda bunduki bunge bure bwana bwawani chafu chake chako chakula chama changu chanjo chao chapaa cheki
    chetu chini chochote choma choo chuki chumba chungu chuom dada daima dakika daktari dalili dame damu dawa dere
    dereva dharura dhidi dhoruba dinga dini doh doo duka duniani enda eneo fahamu familia farasi fedha fika fisi
    fiti fujo furaha furika gani ganji gari gava gesi ghafla ghorofa giza gizani gonga gongana habari hadi hai
    haijaacha haiko haina haipiti haiwezi haja hajapata hakika hakuna halafu hali hama hamia hamjambo hapa hapana
    hapatikani hapo haraka harambee haribika haribu hasa hasara hatari hatua hatujaona hatujui hatuna hatuwezi hawa
    hawajakula hawajaonekana hawajui hawana hawawezi haya hela hema hepa heri hewa hii hivi hivyo hiyo hizo hofu
    homa hospitalini huduma huenda huko huku humu huu huzuni idadi ijumaa ikaanguka iko ile ilianguka ilianza
    ilipuka imani imeanguka imeangukia imeanza imebeba imebebwa imebingirika imebomoka imechoma imechomeka imefika
    imefunga imefungwa imefurika imegonga imegongwa imeharibika imeharibiwa imeingia imejaa imekatika imekauka
    imekwama imelipuka imepasuka imepita imeporomoka imeshika imesomba imeteketea imetoka imetokea imevunjika
    imewaka imezama imezidi imezuka inachoma inaenda inakuja inanyesha inaomba inaongezeka inateketea inatisha
    inaungua inavuja inawaka ingia ipo ishirini ita itisha iwe jamaa jamani jambazi jamii jamo jana jaza jeraha
    jeshi jiko jikoni jina jinsi jioni jirani jua juma jumamosi jumanne jumapili jumatano jumatatu jumla juu juzi
    juzijuzi kabisa kaka kali kama kamata kampuni kando kanisa karao karibu kata kati kazi kazini kedo keja kejani
    keki kelele kesho kesi kiangazi kiasi kifafa kifo kifua kijana kijiji kikombe kila kilichotokea kilio kimbia
    kimbunga kimeanguka kimeporomoka kinyesi kipindupindu kishash kisima kisimani kisu kitanda kiti kitu kituoni
    kiwango kondoo kosa kuanguka kuazima kubeba kubomoka kubwa kuchoma kuendelea kufa kufika kufunga kufurika kuhama
    kuharibu kuhepa kuhusu kujaa kujeruhi kuku kule kulia kumefurika kuna kunanyesha kunguni kunguru kunywa kuokoa
    kuongezeka kupanda kupasuka kupata kupiga kupita kupitia kupona kupotea kurudi kusaidia kusini kusomba kuteketea
    kutisha kutoa kutoka kutokana kutokea kutosha kuungua kuvuka kuwa kuwaka kuwasili kuwepo kuzama kuzima kuzuia
    kwaheri kwani kwanza kwasababu kweli kwenda kwenye kwetu laini lake lakini lako lala langu lao leo leta letu
    liko lilitokea limefurika limezama linaungua linawaka lini lipuka locusts lolote lori lugha maafa maafisa
    maambukizi maana mabati mabomba macho madaktari madaraja madereva madhara maendeleo mafuriko mafuta magari
    magonjwa mahali mahindi mahitaji maiti majambazi majani majeraha majeruhi maji majini majirani majuzi makaburi
    makanga makarao makazi mali mama mamba mamia manusura manyangi manyumba mapema mapigano maporomoko marehemu
    masaa mashahidi mashamba mashirika mashua maskini mat matata matatizo mateka mathe matokeo matope mauaji mavuno
    mawe mawimbi mayouth mayut mazao maze mbao mbaya mbegu mbele mbili mbio mbogi mbona mbuzi mchana mchele mchezo
    mchungaji mdogo mechi mend mfereji mgeni mgongo mgonjwa mguu mhudumu miaka mifugo mifupa miguu miili mikono
    milango mimea mimi mingi miti mitumbwi mizigo mjamzito mjini mkate mke mkimbizi mkono mkubwa mkulima mlango
    mlimani mlipuko mmoja moja morio moshi moto motoni mpaka mpango mpira mresh msaada msafara mse msee mshtuko
    msichana msipige mtaani mtaro mti mtihani mto mtoni mtoto mtu mtumbwi muda mullah mume mungu muuguzi mvamizi
    mvua mvulana mvuvi mwaka mwalimu mwana mwanafunzi mwanamke mwanaume mwathiriwa mwema mwenye mwenyekiti mwezi
    mwili mwisho mwizi mwokozi mwongozo mzae mzazi mzee mzigo mzima mzito nafasi naishi nakaa namba nani naomba
    naona nare nasikia natumia nchi ndai ndani ndege ndio ndiyo ndogo ndoto ndovu ndugu nduthi neema ngetha ngombe
    ngori ngozi nguo ngurumo nguruwe nguvu niaje niko niliona nimejaribu nimeona nimepata nimeumia ninapoandika
    ningependa nini njaa nje njia njiani njoo njooni nne noma nusu nyama nyanya nyati nyingi nyingine nyinyi nyoka
    nyuki nyuma nyumba nyumbani nzige nzima nzuri ocha ofisini ogopa okoa omba ombi ona onyo operesheni paa padri
    pale pamoja panya papo pata penye pesa pesi petroli pia piga pigana pigia pikipiki pita poa poleni polisi pombe
    pona poromoka pote potea probox punda punde rada radi rafiki raha rahisi raia riba ripoti risasi risto ronga
    rudi ruka saa saba sababu sabini safari safi sahani saidia salaam salama sana sanse sanses saratani sasa sauti
    sawa sehemu sema serikal serikali shahidi shamba shambani shambulio shibe shida shilingi shimo shimoni shirika
    shoti shughuli siafu siasa sijui sikia sikiliza siku simama simameni simu sio sisi sita sitini sonko stima
    sukari sumu taa taabu tabu tafadhali tafuta taifa taka takataka tangazo tangu tano tatizo tatu tauni teketea
    tele tembo tena tetemeko thelathini themanini thenashara timu tisa toka tope tu tukio tuko tulia tulikuwa tuma
    tumaini tumejaa tumekosa tumekwama tumepoteza tumia tuna tunahama tunahitaji tunahofia tunakufa tunaogopa
    tunaomba tunashukuru tunateseka tunazama tungependa tupu tusaidie tusaidieni tusaidiwe twende ua uchafu udongo
    ufa ufukweni ugomvi ugonjwa uhai uharibifu uhuru ujambazi ukame ukingoni uko ukuta ulinzi uliopita umbali
    umeanguka umefurika umejaa umeme umepasuka umevunja umoja umwagaji unapita unaunguza unga ungana upendo upepo
    usaidizi usalama ushago ushindi usikose usiku uso utando uvamizi uvimbe uwezo vifo vijana vijiji vile vimekauka
    vipi visima vita vitu vizuri vurugu waathiriwa wadogo wadudu wafugaji wagonjwa wahudumu wajawazito waje
    wakaahidi wakaazi wakati wakazi wake wakimbizi wako wakulima walemavu walifariki waliiba walikufa walikuja
    walimu walinzi waliokufa waliokwama wamama wameathirika wamefariki wamehama wameiba wameibiwa wamejeruhiwa
    wamekufa wamekwama wamelazwa wamenyanganywa wamepotea wamesombwa wamestuck wameumia wameungua wamevamia wamezama
    wanafunzi wanahama wanahitaji wanaitaji wanakufa wanalala wanalia wanaomba wanapigana wanarusha wanateseka
    wanaume wanawake wangu wao wapi wasee washambuliaji wasichana watalii watano watatu watoto watu wawili wazazi
    wazee wazi wazima waziri wema wengi wenu wera wetu wezi wiki wimbi wizi wote yaani yake yako yamebeba yamefika
    yamefunga yameharibu yameingia yamejaa yameongezeka yameporomoka yamesomba yamevuka yanaingia yanaongezeka yangu
    yao yenu yenye yetu yote yupo zaidi zake zamani zangu zao zetu ziada ziko zima zimamoto zimeanguka zimebebwa
    zimefunikwa zimegongana zimeharibiwa zimejaa zimekwama zimesombwa zimezama zinahitajika zinaishia zinaungua
    zinazama ziwani zote
""")
_LUO_GUSII: Final = _words("""
    abaiseke abana abanto abanyene abasae aduse adwaro ahinya amabera amache amagoko amandegere amangana amani
    amatati ameremo angima ango aol apogore asoire ayaa banyarire bedo bende biye biyo boronge bwakire caawiya chak
    chako chal chalo chamo chandruok chi chiege chiemo chieng chingombe chinka chinsa chinyomba chogo chopo dab dak
    degaanka dhacday dhako dhano dhi dhiang dhok dichuo duto ebikorwa ebinto ebunda egari egasi egetunwa ekeombe
    embura emechando emesi emete enchara endwari engoko engori enkuba enyagitari enyomba esese esiko fadlan fatahaad
    getari gik gima goika gose guku gweno idho ikomba in inaki inee inse intwe jaote ji jogi joluo jomoko juok kacay
    kae kai kamoro kanye kanyo kawo kech kendo kik kinde kobua kony konyo konyuru konywa konywauru korende korka
    koro koth kuom kwayo lach ladha lal le lep lowo luoro maai maat mach maduong mag mager maiyurite mana mar
    maricho masira matek matindo mbua mbura mek mit moko mondo monto mor moro mos moth mototokonye motwe mukhongo
    mukhuyere munene muomo mutetheesyei mwaki mwonyo nabo ndalo ndara ndiko nebo negit neno ngato ngeny ngima ni
    nigo nind nindo nitie nono nonye nsa ntokonye nundu nyaka nyathi nyinge nyiri nyithindo nyumba nyuol obokendu
    oborabu obori obotuko obukhonyi od odi odonjo oduma ogokwa ogore ogosaba ogosamba ohinyore oinet ojwango okadho
    okawo oket okethore okoirana okonywa olal olwar omogaka omogambi omoko omongina omonto omor omorero omosacha
    omulilo omuoch omwana omworo ondiek onge onyien oonge opong orewo oria orora osechopo osedonjo osekawo osemako
    osemuomo osengondo osetho osewuok otho otimore oting otingo owuok oyo oyudo pacho pi piny piyo puodho rabet
    raundo rech richo rigena rirorio risase ritambe romo roob saidwa sani seche sechego seito sibo sugul tata tedo
    tek tho thuolo tiga tikobwate timore tin tong toretech tuo tuoche tuonde turo tuteithie tuteithiei tutetheeisyei
    twansoe tware udi ukanyo ut ute vaa wach wadhi waduto wang wangi wango waonge wek weyn winj winya wuod wuoyi
    xaxa yaa yagwa yamo yath yeka yie yien yore yot yudo yuto
""")

COMMON: Final = _ENGLISH | _SWAHILI | _LUO_GUSII
"""Everyday words: little evidence of a place by themselves, and never a misspelt one."""

PEOPLE: Final = _words("""
    abdi abdirahman abdullahi achieng adhiambo adongo ahmed aisha akelo akinyi akoth ali alice aloo amina amos
    andrew ann anna anne anyango arati asha atieno auma awino awuor ayacko baraka barasa beatrice ben benard bernard
    biwott brian caro caroline catherine charles chebet chelangat chemutai chepkemoi chepkoech chepngetich cherono
    cherop cherotich cheruiyot christine collins cynthia daniel david dennis diana dorcas elijah elizabeth emily
    emma emmanuel esther eunice eva evans eve ezekiel faith fatuma felix florence francis fredrick gacheri gathoni
    george gideon gitau gladys grace halima hassan hellen henry hussein ibrahim irene isaac ismail jacinta jackline
    jackson jacob james jane janet jared jebet jemima jepchirchir jepkosgei jeptoo joan john johnson jomo joseph
    josephine joshua joyce judith julia julius juma kaloki kamau karanja kariuki kelvin kemunto kennedy kenneth
    kenyatta keter kevin khadija khalwale khamis kiarie kibaki kibet kilonzo kimani kimemia kimutai kinyua kipchumba
    kipkemboi kipkorir kiplagat kiplimo kiprono kiprotich kipruto kiptoo kirui kirwa koech korir kosgei kwamboka
    kyalo lagat langat lilian linet lucas lucy lydia macharia maina makau malala margaret maria mariam mark martha
    martin mary maureen mbithi mbugua mercy michael millicent mohamed mohammed moi monica moraa moses muchiri
    mudavadi muema mueni mugo muhammad muia muiruri mumo muriithi muriuki musau musila musyoka mutai muthama muthoni
    mutinda mutiso mutisya mutua mutuku mwai mwangi mwaniki mwende mwikali mwita nafula nancy naomi nasimiyu
    natembeya nduku ndunda nekesa nelson ngetich ngugi njenga njeri njoki njoroge njuguna nthenya nyaboke nyaga
    nyambura nyamweya nyaribo nyokabi nyongesa nyongo nzioka ochieng odhiambo odinga odongo oduor ogola okello
    okinyi okoth oloo olouch omar omolo omondi onyango ooko oparanya opiyo orengo osman otieno ouko ouma owino owuor
    patrick paul peninah peter philip phoebe phyllis priscilla purity rachel raila rebecca richard robert rodgers
    rono rose rosemary rotich ruth ruto rutto sakaja salim sally samson samuel sang sarah serem shadrack sharon
    sheila simiyu simon solomon stella stephen steve susan syombua tanui tarus teresa thomas timothy titus tom tuju
    victor vincent violet wafula wairimu waithera wambua wambui wanga wangari wangui wanjala wanjiku wanjiru wanyama
    wanyonyi waweru wekesa were wetangula william winnie yego yusuf zainab zipporah
""")
"""First and family names of people; many are places as well."""
