/** Domains where anybody can have an address: no company's. Pure. */

const FREE_MAIL: ReadonlySet<string> = new Set(
  [
    "gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es",
    "live.com live.co.uk live.de live.fr live.nl msn.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.de yahoo.fr yahoo.it yahoo.es",
    "yahoo.com.br yahoo.com.au ymail.com rocketmail.com icloud.com me.com mac.com aol.com aim.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de",
    "t-online.de freenet.de arcor.de posteo.de mailbox.org proton.me protonmail.com pm.me tutanota.com tuta.io fastmail.com hey.com zoho.com",
    "mail.com email.com mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru rambler.ru qq.com 163.com 126.com sina.com foxmail.com",
    "naver.com hanmail.net daum.net docomo.ne.jp orange.fr wanadoo.fr free.fr sfr.fr laposte.net libero.it virgilio.it tiscali.it alice.it",
    "terra.es uol.com.br bol.com.br terra.com.br ig.com.br hushmail.com btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net",
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net shaw.ca rogers.com sympatico.ca",
    "bigpond.com optusnet.com.au rediffmail.com wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz abv.bg ukr.net walla.co.il ziggo.nl",
    "kpnmail.nl telenet.be skynet.be bluewin.ch hispeed.ch chello.at aon.at mailinator.com guerrillamail.com 10minutemail.com yopmail.com",
  ].flatMap((line) => line.split(" ")),
);

export const isFreeMail = (domain: string): boolean => FREE_MAIL.has(domain);
