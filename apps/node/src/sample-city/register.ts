/** The register that the sample city's university starts with. Nobody in it exists. */

export const sampleRegister = `student_no,name_zh,name_latin,birth_date,degree_code,degree_zh,degree_pt,degree_en,major_zh,major_pt,major_en,gpa,honours,conferred_on
DC2200000,鄭家豪,Cheang Ka Hou,1991-01-06,PHD,哲學博士,Doutoramento,Doctor of Philosophy,土木工程,Engenharia Civil,Civil Engineering,3.34,,2026-06-27
MB2200008,張家豪,Cheong Ka Hou,1988-08-10,PHD,哲學博士,Doutoramento,Doctor of Philosophy,葡文研究,Estudos Portugueses,Portuguese Studies,2.60,,2026-06-27
MB2200016,吳穎琳,Ng Weng Lam,2000-11-18,MSC,理學碩士,Mestrado em Ciências,Master of Science,葡文研究,Estudos Portugueses,Portuguese Studies,3.21,,2026-06-27
MB2200024,張國榮,Cheong Kuok Weng,2001-08-25,BA,文學士,Licenciatura em Letras,Bachelor of Arts,公共行政,Administração Pública,Public Administration,2.81,second_lower,2026-06-27
DC2200032,李思穎,Lei Si Weng,2001-10-05,LLB,法學士,Licenciatura em Direito,Bachelor of Laws,護理學,Enfermagem,Nursing,3.83,first,2026-06-27
DC2200040,梁子軒,Leong Chi Hin,2001-12-15,BSC,理學士,Licenciatura em Ciências,Bachelor of Science,公共行政,Administração Pública,Public Administration,3.71,first,2026-06-27
DC2200048,司徒俊傑,Si Tou Chon Kit,2003-03-09,BENG,工學士,Licenciatura em Engenharia,Bachelor of Engineering,電腦科學,Ciência da Computação,Computer Science,2.80,second_lower,2026-06-27
DC2200056,歐陽淑儀,Ao Ieong Sok I,2001-04-28,BSC,理學士,Licenciatura em Ciências,Bachelor of Science,土木工程,Engenharia Civil,Civil Engineering,2.37,,2026-06-27
DC2200064,李浩然,Lei Hou In,2002-11-11,BENG,工學士,Licenciatura em Engenharia,Bachelor of Engineering,會計,Contabilidade,Accounting,2.37,,2026-05-30
DC2200072,周曉彤,Chao Hio Tong,2001-04-07,LLB,法學士,Licenciatura em Direito,Bachelor of Laws,電腦科學,Ciência da Computação,Computer Science,2.45,,2026-06-27
DC2200080,蘇俊傑,Sou Chon Kit,1987-12-21,PHD,哲學博士,Doutoramento,Doctor of Philosophy,公共行政,Administração Pública,Public Administration,3.95,,2026-05-30
DC2200088,司徒俊傑,Si Tou Chon Kit,1992-12-09,PHD,哲學博士,Doutoramento,Doctor of Philosophy,電腦科學,Ciência da Computação,Computer Science,3.68,,2026-05-30
`
