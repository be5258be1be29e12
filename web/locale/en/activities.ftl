# A professional's activities: codes of TRE_G15 (professions), TRE_R38 (know-how), and of modes and sectors of practice.

activity-profession-10 = doctor
activity-profession-21 = pharmacist
activity-profession-40 = dentist
activity-profession-50 = midwife
activity-profession-60 = nurse
activity-profession-70 = physiotherapist
activity-profession-80 = podiatrist
activity-profession-86 = laboratory technician
activity-profession-other = profession { $code }

activity-know-how-C01 = human anatomical pathology and cytology
activity-know-how-DSM205 = molecular biology
activity-know-how-DSM206 = oncology
activity-know-how-DSM211 = dermatopathology
activity-know-how-DSM212 = fetal pathology
activity-know-how-DSM225 = neuropathology
activity-know-how-DSM236 = oncology
activity-know-how-DSM237 = oncology
activity-know-how-DSM238 = oncology
activity-know-how-DSM239 = oncology
activity-know-how-DSM240 = oncology
activity-know-how-SCH01 = anatomical pathology and cytology
activity-know-how-SM01 = anatomical pathology and cytology
activity-know-how-SM02 = anaesthesia and intensive care
activity-know-how-SM03 = laboratory medicine
activity-know-how-SM04 = cardiology
activity-know-how-SM05 = general surgery
activity-know-how-SM12 = urological surgery
activity-know-how-SM14 = visceral and digestive surgery
activity-know-how-SM15 = dermatology
activity-know-how-SM20 = obstetrics and gynaecology
activity-know-how-SM24 = gastroenterology
activity-know-how-SM31 = neurosurgery
activity-know-how-SM32 = neurology
activity-know-how-SM34 = ear, nose and throat, head and neck surgery
activity-know-how-SM35 = oncology, haematological option
activity-know-how-SM36 = medical oncology
activity-know-how-SM37 = radiation oncology
activity-know-how-SM38 = ophthalmology
activity-know-how-SM40 = paediatrics
activity-know-how-SM41 = respiratory medicine
activity-know-how-SM44 = diagnostic radiology
activity-know-how-SM45 = radiotherapy
activity-know-how-other = know-how { $code }

activity-mode-B = voluntary
activity-mode-L = private practice
activity-mode-S = employed
activity-mode-other = mode of practice { $code }

activity-sector-SA01 = public hospital
activity-sector-SA07 = practice
activity-sector-other = sector { $code }

login-activity-title = In what capacity are you working?
login-activity-legend = Institution and activity
login-activity-hint = Your choice decides which cases you see and which opinions you may give. It is kept in the audit trail.
login-activity-no-expert = In this activity you cannot give an expert opinion.
login-activity-none-title = No activity available
login-activity-none = No institution counts you among its members any more. Ask the team that runs telepath to record your role.

audit-detail-know-how = Know-how
audit-detail-mode = Mode of practice
audit-detail-profession = Profession
audit-detail-sector = Sector of activity
audit-detail-sessions = Sessions ended
