import type { Access } from '../../api/client.js';

export type Expiry = 'hour' | 'day' | 'week' | 'month' | 'never' | 'date' | 'same';
const SECONDS = { hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000 };

/** Settings of a link as the server takes them. */
export interface LinkSettings {
  name?: string;
  public: boolean;
  expires?: string | null;
  oneTimeUse?: boolean;
  enableTTL?: boolean;
  ttl?: number;
  ips?: string[];
  subnets?: string[];
  password?: string;
}

/** What a person fills in about a link. */
export class LinkForm {
  name = $state('');
  expiry = $state<Expiry>('week');
  /** As `datetime-local` has it. */
  date = $state('');
  /** Empty: any number. */
  uses = $state('');
  password = $state('');
  /** One a line. */
  addresses = $state('');
  private readonly addressesBefore: string = '';
  readonly until = $derived.by(() => this.untilFrom(Date.now()));
  readonly addressList = $derived(this.addresses.split(/[\s,]+/).filter((entry) => entry !== ''));

  constructor(readonly access?: Access) {
    if (!access) return;
    this.name = access.name;
    this.expiry = access.expires ? 'same' : 'never';
    this.uses = access.oneTimeUse ? '1' : access.enableTTL ? String(access.ttl) : '';
    this.addresses = this.addressesBefore = [...access.ips, ...access.subnets].join('\n');
  }

  private untilFrom(now: number): Date | undefined {
    if (this.expiry === 'never') return undefined;
    if (this.expiry === 'same') return new Date(this.access!.expires!);
    if (this.expiry === 'date') return this.date ? new Date(this.date) : undefined;
    return new Date(now + SECONDS[this.expiry] * 1_000);
  }

  /** Only what differs from the link as it is, so that its count of uses is not begun anew by accident. */
  settings(): LinkSettings {
    const { access, password } = this;
    return {
      public: true,
      ...(this.name || access ? { name: this.name } : {}),
      ...(this.expiry === 'same' ? {} : { expires: this.untilFrom(Date.now())?.toISOString() ?? null }),
      ...this.limits(),
      ...(this.addresses === this.addressesBefore ? {} : this.places()),
      ...(password ? { password } : {}),
    };
  }

  /**
   * The server lets in who is in both lists, of addresses and of networks; a person who writes down several means any of
   * them. So where there is a network, an address becomes one of its own.
   */
  private places(): Pick<LinkSettings, 'ips' | 'subnets'> {
    const { addressList } = this;
    if (!addressList.some((entry) => entry.includes('/'))) return { ips: addressList, subnets: [] };
    const whole = (entry: string) => `${entry}/${entry.includes(':') ? 128 : 32}`;
    return { ips: [], subnets: addressList.map((entry) => (entry.includes('/') ? entry : whole(entry))) };
  }

  private limits(): Partial<LinkSettings> {
    const { access } = this;
    const uses = Number(this.uses);
    const before = access?.oneTimeUse ? 1 : access?.enableTTL ? access.ttl : 0;
    if (access && uses === before) return {};
    if (uses === 1) return { oneTimeUse: true, enableTTL: false };
    return uses > 1 ? { oneTimeUse: false, enableTTL: true, ttl: uses } : { oneTimeUse: false, enableTTL: false };
  }
}
