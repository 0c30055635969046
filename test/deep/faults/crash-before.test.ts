import { crashPointTests } from './crash-points';

crashPointTests('before');
